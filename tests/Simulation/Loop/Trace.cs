using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace MicroSpark.Simulation.Loop;

/// <summary>What happened, a line for each step and each event, as a hash and, when it is asked for, as text.</summary>
/// <param name="text">Where its lines are written; null when nobody reads them.</param>
internal sealed class Trace(World world, TextWriter? text)
{
    private readonly XxHash64 _hash = new();

    public string Hash => Convert.ToHexStringLower(_hash.GetCurrentHash());

    /// <summary>A lane runs its next item.</summary>
    public void Step(string lane) => Add(lane);

    /// <summary>Something that a reader of the trace wants to know.</summary>
    public void Note(string what)
    {
        Add(what);
        text?.WriteLine($"{world.Now.TotalSeconds,11:0.000000} {what}");
    }

    private void Add(string text)
    {
        Span<long> now = [world.Now.Ticks];
        _hash.Append(MemoryMarshal.AsBytes(now));
        _hash.Append(MemoryMarshal.AsBytes(text.AsSpan()));
    }
}
