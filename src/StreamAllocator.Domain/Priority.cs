namespace StreamAllocator.Domain;

/// <summary>Who gives first under shortage: low gives first, nothing is taken from a higher class for a lower one.</summary>
public enum Priority
{
    Low = 0,
    Normal = 1,
    High = 2,
    Critical = 3,
}
