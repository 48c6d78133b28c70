using System.Net;
using System.Text.Json;

namespace StreamAllocator.Server.Tests;

public sealed class EventRoutesTests
{
    [Fact]
    public async Task Decisions_commands_and_allocations_come_as_events()
    {
        await using var served = await ServedLog.WithOneVm();
        await using var feed = await EventReader.Open(served);
        served.Decide("web-1", 5);
        Assert.Equal("decision", (await feed.Next()).Name);

        served.Command("web-1", 1, 5);
        served.DecideTick(5);
        var command = await feed.Next();
        served.Allocate("web-1", 1, 6, cores: 6);
        var allocation = await feed.Next();

        Assert.Equal(("command", 1), (command.Name, command.Data.GetProperty("revision").GetInt32()));
        Assert.Equal(("allocation", "applied"), (allocation.Name, allocation.Data.GetProperty("outcome").GetString()));
    }

    [Fact]
    public async Task A_reader_that_comes_back_goes_on_where_it_was()
    {
        await using var served = await ServedLog.WithOneVm();
        served.Vm("web-2");
        var seen = new List<string>();
        string last;
        await using (var feed = await EventReader.Open(served))
        {
            for (var minute = 0; minute < 6; minute++)
                served.Decide(minute % 2 == 0 ? "web-1" : "web-2", minute);
            for (var count = 0; count < 4; count++)
                seen.Add(Time(await feed.Next()));
            last = feed.LastId;
        }

        served.Decide("web-1", 6);
        await using var again = await EventReader.Open(served, last);
        for (var count = 0; count < 3; count++)
            seen.Add(Time(await again.Next()));

        Assert.Equal(Enumerable.Range(0, 7).Select(minute => $"2026-11-24T12:0{minute}:00Z"), seen.Order());

        static string Time(EventReader.Event found) => found.Data.GetProperty("event_time").GetString()!;
    }

    [Fact]
    public async Task A_reader_of_one_vm_hears_of_no_other()
    {
        await using var served = await ServedLog.WithOneVm();
        await using var feed = await EventReader.Open(served, query: "?vm=web-2&vm=web-3");
        served.Decide("web-1", 0);
        served.Decide("web-2", 1);
        served.Decide("web-1", 2);
        served.Decide("web-3", 3);

        string?[] seen = [Vm(await feed.Next()), Vm(await feed.Next())];

        Assert.Equal(["web-2", "web-3"], seen.Order());

        static string? Vm(EventReader.Event found) => found.Data.GetProperty("vm_id").GetString();
    }

    [Theory]
    [InlineData("17")]
    [InlineData("decisions=0.0,commands=0")]
    [InlineData("decisions=0.0,commands=0,allocations=0.0.0")]
    [InlineData("decisions=0.0,commands=9999,allocations=0.0")]
    [InlineData("decisions=0.-1,commands=0,allocations=0.0")]
    public async Task An_id_that_is_none_of_this_log_is_refused(string id)
    {
        await using var served = await ServedLog.WithOneVm();

        var (response, problem) = await served.Send(HttpMethod.Get, "/v1/events", null, ("Last-Event-ID", id));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("Last-Event-ID", problem.GetProperty("errors")[0].GetProperty("field").GetString());
    }

    [Fact]
    public async Task A_reader_that_comes_back_too_late_is_told_what_it_missed()
    {
        await using var served = await ServedLog.WithOneVm();
        await using var feed = await EventReader.Open(served);
        served.Decide("web-1", 0);
        await feed.Next();
        for (var month = 0; month < 4; month++)
            served.Command("web-1", month + 1, month * 31 * 24 * 60, reason: new string('x', 300_000));
        var begin = served.Log.BeginOffset(new Pipeline.Logs.TopicPartition(served.Topics.Commands, 0));
        Assert.True(begin > 0, "the log keeps commands for 30 days");

        await using var again = await EventReader.Open(served, feed.LastId);
        var gap = await again.Next();

        Assert.Equal("gap", gap.Name);
        Assert.Equal((0, begin), (gap.Data.GetProperty("from").GetInt64(), gap.Data.GetProperty("to").GetInt64()));
        Assert.Equal(begin + 1, (await again.Next()).Data.GetProperty("revision").GetInt64());
    }

    [Fact]
    public async Task One_reader_more_than_allowed_is_refused()
    {
        await using var served = await ServedLog.WithOneVm(new ServerOptions { DrivenTime = true, MaxSubscribers = 1 });
        await using var feed = await EventReader.Open(served);

        var (response, _) = await served.Send(HttpMethod.Get, "/v1/events");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_is_said_and_passed_over()
    {
        await using var served = await ServedLog.WithOneVm();
        await using var feed = await EventReader.Open(served);
        served.Write(served.Topics.Commands, 0, ServedLog.Noon, "web-1", [], [0xFF, 0xFF]);
        served.Command("web-1", 1, 5);

        Assert.Equal("unreadable", (await feed.Next()).Name);
        Assert.Equal("command", (await feed.Next()).Name);
    }

    private sealed class EventReader : IAsyncDisposable
    {
        private readonly HttpResponseMessage _response;
        private readonly StreamReader _lines;
        private readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(30));

        private EventReader(HttpResponseMessage response, Stream stream)
        {
            _response = response;
            _lines = new StreamReader(stream);
        }

        public string LastId { get; private set; } = "";

        /// <summary>Returns once the feed has said where it begins.</summary>
        public static async Task<EventReader> Open(ServedLog served, string? lastId = null, string query = "")
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/events" + query);
            if (lastId is not null)
                request.Headers.Add("Last-Event-ID", lastId);
            var response = await served.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
            var reader = new EventReader(response, await response.Content.ReadAsStreamAsync());
            Assert.StartsWith(": from ", await reader._lines.ReadLineAsync(reader._patience.Token), StringComparison.Ordinal);
            return reader;
        }

        public async Task<Event> Next()
        {
            var (name, data) = ("", default(JsonElement));
            while (true)
            {
                var line = await _lines.ReadLineAsync(_patience.Token) ?? throw new EndOfStreamException("the feed ended");
                if (line.StartsWith("id: ", StringComparison.Ordinal))
                    LastId = line[4..];
                else if (line.StartsWith("event: ", StringComparison.Ordinal))
                    name = line[7..];
                else if (line.StartsWith("data: ", StringComparison.Ordinal))
                    data = JsonSerializer.Deserialize<JsonElement>(line[6..]);
                else if (line.Length == 0 && name.Length > 0)
                    return new Event(name, data);
            }
        }

        public ValueTask DisposeAsync()
        {
            _lines.Dispose();
            _response.Dispose();
            _patience.Dispose();
            return ValueTask.CompletedTask;
        }

        public sealed record Event(string Name, JsonElement Data);
    }
}
