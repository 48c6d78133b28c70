using System.CommandLine;

namespace StreamAllocator.Cli.Api;

/// <summary>The flags that say where the API is. Each command has its own pair.</summary>
internal sealed class ApiOptions
{
    private readonly Option<string> _address = new("--api")
    {
        Description = "Address of the HTTP API.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("STREAMALLOCATOR__API") ?? "http://127.0.0.1:8080",
    };

    private readonly Option<string?> _token = new("--token")
    {
        Description = "Bearer token; the variable STREAMALLOCATOR__SERVER__TOKEN where it is left out.",
    };

    public void AddTo(Command command)
    {
        command.Add(_address);
        command.Add(_token);
    }

    public ApiClient Open(ParseResult parsed)
    {
        var text = parsed.GetRequiredValue(_address);
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw new UsageException($"--api '{text}': expected http://HOST:PORT");
        return new ApiClient(address, parsed.GetValue(_token) ?? Environment.GetEnvironmentVariable("STREAMALLOCATOR__SERVER__TOKEN"));
    }
}
