namespace StreamAllocator.Domain;

/// <summary>The rule for <c>vm_id</c>, <c>pool_id</c> and every other opaque name on a wire.</summary>
public static class Identifier
{
    public const int MaxLength = 200;

    public const string Expected = "1 to 200 printable characters";

    public static bool IsValid(string? text)
    {
        if (string.IsNullOrEmpty(text) || text.Length > MaxLength)
            return false;
        foreach (var character in text)
        {
            if (char.IsControl(character))
                return false;
        }

        return true;
    }
}
