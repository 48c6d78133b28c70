using System.Runtime.InteropServices;
using StreamAllocator.Domain;

namespace StreamAllocator.Forecasting;

/// <summary>The scalars of one VM, laid over the first floats of its row.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct VmHeader
{
    public const int Floats = 7;

    public const long NoWindow = long.MinValue;

    /// <summary>Newest window observed.</summary>
    public long Window;

    public SmoothingParameters Parameters;

    public static ref VmHeader Of(Span<float> row) => ref MemoryMarshal.AsRef<VmHeader>(MemoryMarshal.AsBytes(row[..Floats]));
}
