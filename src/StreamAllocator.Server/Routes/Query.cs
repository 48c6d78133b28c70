using System.Globalization;
using Microsoft.AspNetCore.Http;
using StreamAllocator.Domain;
using StreamAllocator.Server.Requests;

namespace StreamAllocator.Server.Routes;

/// <summary>Takes query parameters one by one and collects everything wrong with them.</summary>
internal sealed class Query(HttpRequest request)
{
    public List<Violation> Violations { get; } = [];

    public string? Text(string name) => request.Query[name].FirstOrDefault();

    public int Count(string name, int standard, int largest)
    {
        if (Text(name) is not { } text)
            return standard;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= 1 && count <= largest)
            return count;
        Add(name, text, $"1 to {largest}");
        return standard;
    }

    public TimeSpan Duration(string name, TimeSpan standard, TimeSpan shortest, TimeSpan longest)
    {
        if (Text(name) is not { } text)
            return standard;
        if (Durations.TryParse(text, out var duration) && duration >= shortest && duration <= longest)
            return duration;
        Add(name, text, $"{Durations.Expected}, from {Durations.Text(shortest)} to {Durations.Text(longest)}");
        return standard;
    }

    public EventTime? Time(string name)
    {
        if (Text(name) is not { } text)
            return null;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            return EventTime.From(time);
        Add(name, text, "a time such as 2026-11-24T19:00:00Z");
        return null;
    }

    public void Add(string name, string found, string expected) => Violations.Add(new Violation(name, $"'{found}'", expected));
}
