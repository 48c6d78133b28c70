using System.CommandLine;

namespace StreamAllocator.Cli.Output;

internal static class FormatOption
{
    public static Option<OutputFormat> Create() => new("--format")
    {
        Description = "table, json or csv.",
        DefaultValueFactory = _ => OutputFormat.Table,
    };
}
