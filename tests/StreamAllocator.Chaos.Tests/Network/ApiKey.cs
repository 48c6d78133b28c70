namespace StreamAllocator.Chaos.Tests.Network;

/// <summary>What a request asks for, by Kafka's numbers; of many, those that matter here.</summary>
internal enum ApiKey : short
{
    Produce = 0,
    ListOffsets = 2,
    Heartbeat = 12,
    AddPartitionsToTxn = 24,
    AddOffsetsToTxn = 25,
    EndTxn = 26,
    TxnOffsetCommit = 28,
}
