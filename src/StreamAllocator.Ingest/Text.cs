using System.Text;

namespace StreamAllocator.Ingest;

internal static class Text
{
    private const int MaxLength = 80;

    /// <summary>Foreign bytes as a person can read them in a message: at most 80 characters, control characters replaced.</summary>
    public static string Printable(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.UTF8.GetString(bytes.Length > MaxLength ? bytes[..MaxLength] : bytes);
        return string.Create(text.Length, text, static (into, from) =>
        {
            for (var index = 0; index < from.Length; index++)
                into[index] = char.IsControl(from[index]) ? '·' : from[index];
        });
    }
}
