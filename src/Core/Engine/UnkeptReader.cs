using MicroSpark.Plans;
using MicroSpark.Readers;

namespace MicroSpark.Engine;

/// <summary>The elements of a partition that was not kept: the task computes them as it reads.</summary>
/// <param name="lost">What to throw when an input of the partition is gone.</param>
internal sealed class UnkeptReader<T>(Func<ChunkReader<T>> compute, Func<InputLostException, Exception> lost) : ChunkReader<T>
{
    private ChunkReader<T>? _reader;

    public override bool Next(int limit, out ReadOnlySpan<T> run)
    {
        try
        {
            return (_reader ??= compute()).Next(limit, out run);
        }
        catch (InputLostException e)
        {
            throw lost(e);
        }
    }

    public override bool NextLasting(out ReadOnlyMemory<T> run)
    {
        try
        {
            return (_reader ??= compute()).NextLasting(out run);
        }
        catch (InputLostException e)
        {
            throw lost(e);
        }
    }

    public override void Dispose() => _reader?.Dispose();
}
