using Google.Protobuf;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;
using StreamAllocator.Schemas;

namespace StreamAllocator.History.Points;

/// <summary>The points of a record, as lines; what they are is said where each kind is made. A schema that is not known is passed over.</summary>
internal sealed class RecordPoints(Topics topics, HistoryOptions options)
{
    private readonly ForecastPoints _forecasts = new(options);
    private readonly ForecastErrorPoints _errors = new(options);

    /// <exception cref="InvalidProtocolBufferException">The value is not the message of its topic.</exception>
    /// <exception cref="PointException">No points can be made of it.</exception>
    public void Append(TopicPartition source, in LogRecord record, List<string> lines)
    {
        // An empty value removes a key of a compacted topic.
        if (record.Value.IsEmpty)
            return;
        if (source.Topic == topics.Features && Has(record, SchemaHeaders.Features))
            UsagePoints.Append(Features.Parser.ParseFrom(record.Value), lines);
        else if (source.Topic == topics.Forecasts && Has(record, SchemaHeaders.Forecast))
            _forecasts.Append(Forecast.Parser.ParseFrom(record.Value), lines);
        else if (source.Topic == topics.ForecastErrors && Has(record, SchemaHeaders.ForecastErrors))
            _errors.Append(ForecastErrors.Parser.ParseFrom(record.Value), lines);
        else if (source.Topic == topics.Decisions && Has(record, SchemaHeaders.Decision))
            DecisionPoints.Append(Decision.Parser.ParseFrom(record.Value), record.Offset, lines);
        else if (source.Topic == topics.Allocations && Has(record, SchemaHeaders.Allocation))
            AllocationPoints.Append(Allocation.Parser.ParseFrom(record.Value), record.Offset, lines);
    }

    private static bool Has(in LogRecord record, byte[] schema) => record.Headers.IsEmpty || record.Headers.SequenceEqual(schema);
}
