namespace StreamAllocator.Domain;

/// <summary>A forecast covers this many windows after its origin, one value a lead time.</summary>
public static class Horizon
{
    public const int Leads = 12;
}
