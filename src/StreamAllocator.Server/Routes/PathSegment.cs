namespace StreamAllocator.Server.Routes;

/// <summary>Identifiers in paths.</summary>
internal static class PathSegment
{
    /// <summary>A slash within an identifier travels as %2F, the one escape that the server leaves in a path.</summary>
    public static string Unescape(string segment) => segment.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
}
