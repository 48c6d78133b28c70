using System.Net;
using System.Text.Json;
using Xunit.Abstractions;

namespace StreamAllocator.Integration.Tests;

/// <summary>The feedback loop as its users see it: a demo that runs finds better parameters, serves them, and takes them back when asked.</summary>
public sealed class ReleasedModelTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task A_champion_serves_from_its_window_on_until_a_person_rolls_it_back()
    {
        var folder = Directory.CreateTempSubdirectory("streamallocator-");
        try
        {
            var log = "file:" + Path.Combine(folder.FullName, "demo.db");
            using (var demo = new RunningDemo(AllocatorProcess.Start(
                ["demo", "--trace", RampTrace.Write(folder), "--log", log, "--no-view", "--speed", "30000", "--windows", "1000000", "--digest", "--port", "0"], [])))
            {
                using var api = new HttpClient { BaseAddress = await demo.Api(Deadline) };
                var champion = await Until(api, "/v1/models", models => Champion(models), release => release is not null);
                await IsServed(api, champion!);
                Assert.Matches($"smoothing +{champion!.Split('@')[1]} +champion", Models(api, "list"));
                Assert.Contains("\"earlier\"", Models(api, "show", "smoothing"), StringComparison.Ordinal);

                Assert.Contains($"go back from {champion}", Models(api, "rollback", "smoothing"), StringComparison.Ordinal);
                var before = await Until(api, "/v1/models", models => Champion(models), release => release != champion);
                await IsServed(api, before!);
                Assert.Matches($"smoothing +{before!.Split('@')[1]} +champion.* rollback", Models(api, "list"));
                using var again = await api.PostAsync(new Uri("v1/models/smoothing/rollback", UriKind.Relative), null);
                Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
            }

            EachForecastIsServedByTheNewestEffectiveChampion(log);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private void EachForecastIsServedByTheNewestEffectiveChampion(string log)
    {
        var champions = Records(log, "models").Where(release => Text(release, "role") == "MODEL_ROLE_CHAMPION").ToList();
        Assert.Equal(["schedule", "rollback"], champions.Take(2).Select(release => Text(release, "cause")));
        Assert.Equal(champions[0].GetProperty("earlier")[0].GetRawText(), champions[1].GetProperty("smoothing").GetRawText());
        var served = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var forecast in Records(log, "forecasts"))
        {
            var champion = champions.FindLast(release => Milliseconds(release, "effective_ms") <= Milliseconds(forecast, "origin_ms"));
            var name = champion.ValueKind == JsonValueKind.Undefined ? "default" : $"{Text(champion, "model_id")}@{Text(champion, "version")}";
            Assert.Equal(name, Text(forecast, "model_version"));
            served[name] = served.GetValueOrDefault(name) + 1;
        }

        output.WriteLine(string.Join(", ", served.Select(name => $"{name.Value} forecasts by {name.Key}")));
        Assert.True(served.Count >= 3, "default, champion and rollback are expected to have served");
    }

    private static async Task IsServed(HttpClient api, string release)
    {
        for (var vm = 0; vm < RampTrace.Vms; vm++)
            await Until(api, $"/v1/vms/{RampTrace.IdOf(vm)}/forecast", forecast => Text(forecast, "model_version"), served => served == release);
    }

    private static string? Champion(JsonElement list) => list.GetProperty("models").EnumerateArray()
        .Where(model => Text(model, "role") == "champion").Select(model => Text(model, "name")).FirstOrDefault();

    private static string Models(HttpClient api, params string[] arguments) =>
        AllocatorProcess.Run(["models", .. arguments, "--api", api.BaseAddress!.ToString()]);

    private static async Task<T> Until<T>(HttpClient api, string path, Func<JsonElement, T> look, Func<T, bool> isThere)
    {
        using var late = new CancellationTokenSource(Deadline);
        while (true)
        {
            using var response = await api.GetAsync(new Uri(path, UriKind.Relative), late.Token);
            if (response.IsSuccessStatusCode)
            {
                using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync(late.Token));
                if (look(json.RootElement) is var found && isThere(found))
                    return found;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), late.Token);
        }
    }

    private static IEnumerable<JsonElement> Records(string log, string topic) =>
        AllocatorProcess.Run(["tail", topic, "--log", log]).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("value"));

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;

    private static long Milliseconds(JsonElement of, string name) =>
        long.Parse(Text(of, name), System.Globalization.CultureInfo.InvariantCulture);
}
