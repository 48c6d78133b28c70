using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace StreamAllocator.Cli;

/// <summary>What is wrong with a command line, in a user's words: what was found, what was expected, and which name may have been meant.</summary>
internal static class ParseProblems
{
    /// <summary>Writes every problem, and the help that shows what is expected.</summary>
    public static void Write(ParseResult parsed, TextWriter to)
    {
        // What nobody knows explains why something else is missing.
        var unknown = parsed.Errors.Where(error => parsed.UnmatchedTokens.Any(token => error.Message.Contains($"'{token}'", StringComparison.Ordinal))).ToList();
        foreach (var error in unknown.Count > 0 ? unknown : parsed.Errors)
            to.WriteLine(Text(error));
        if (unknown.Count > 0 && parsed.Action is ParseErrorAction typos)
        {
            typos.ShowHelp = false;
            parsed.InvocationConfiguration.Error = TextWriter.Null;
            parsed.InvocationConfiguration.Output = to;
            typos.Invoke(parsed);
        }

        to.WriteLine($"'{Called(parsed.CommandResult.Command)} --help' shows what is expected.");
    }

    private static string Text(ParseError error) =>
        error.SymbolResult is OptionResult { Option: var option, Tokens: [var found] } && Expected(option.ValueType) is { } expected
            ? $"{option.Name} '{found.Value}': expected {expected}"
            : error.Message;

    private static string? Expected(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type)).ToLowerInvariant()}"
            : type == typeof(int) || type == typeof(long) || type == typeof(ulong) ? "a whole number"
            : type == typeof(double) ? "a number"
            : type == typeof(DateTimeOffset) ? "a time such as 2026-03-01T12:00:00Z"
            : null;
    }

    private static string Called(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{Called(parent)} {command.Name}" : "streamallocator";
}
