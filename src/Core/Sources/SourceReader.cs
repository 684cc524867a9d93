using MicroSpark.Plans;
using MicroSpark.Readers;

namespace MicroSpark.Sources;

/// <summary>Opens a source at its first run, and names it as the operator at fault when it cannot be opened or read.</summary>
internal sealed class SourceReader<T>(PlanNode source, TaskScope scope, Func<ChunkReader<T>> open) : ChunkReader<T>
{
    private ChunkReader<T>? _opened;

    public override bool Next(int limit, out ReadOnlySpan<T> run)
    {
        try
        {
            _opened ??= open();
            return _opened.Next(limit, out run);
        }
        catch (Exception e) when (scope.NoteFailure(e, () => new FaultSite(source.Operator, null, null)))
        {
            throw;
        }
    }

    public override void Dispose() => _opened?.Dispose();
}
