using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace StreamAllocator.Integration.Tests;

/// <summary>A <c>run</c> that goes on: its API, its metrics, an orderly end.</summary>
internal sealed class LiveRun(Process process) : HeardProcess(process)
{
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HttpClient _api = new();

    public async Task Ready()
    {
        if (await Task.WhenAny(_address.Task, Ended, Task.Delay(Deadline)) != _address.Task)
            Assert.Fail($"no API: {Printed}");
        _api.BaseAddress ??= await _address.Task;
        await Until(async () => (await _api.GetAsync("/readyz")).IsSuccessStatusCode, "the API is ready");
    }

    public async Task<JsonElement> Get(string path) => JsonDocument.Parse(await _api.GetStringAsync(path)).RootElement;

    public Task<string> Metrics() => _api.GetStringAsync("/metrics");

    /// <summary>Records ever written to the topic.</summary>
    public async Task<long> Records(string topic)
    {
        var found = Regex.Match(await Metrics(), $@"streamallocator_records_total\{{[^}}]*topic=""streamallocator\.{topic}""[^}}]*\}} (\d+)");
        return found.Success ? long.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _api.Dispose();
    }

    protected override void Hear(string line)
    {
        if (Regex.Match(line, @"API (http://\S+)") is { Success: true } found)
            _address.TrySetResult(new Uri(found.Groups[1].Value));
    }
}
