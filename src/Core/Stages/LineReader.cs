using MicroSpark.Files;

namespace MicroSpark.Stages;

/// <summary>A split's lines in runs.</summary>
internal sealed class LineReader(TextSplitReader split) : ChunkReader<string>
{
    private readonly string[] _lines = new string[256];

    /// <summary>The lines themselves, for who does without a string for each.</summary>
    public TextSplitReader Split => split;

    public override bool Next(int limit, out ReadOnlySpan<string> run)
    {
        var count = split.ReadLines(_lines.AsSpan(0, Math.Min(limit, _lines.Length)));
        run = _lines.AsSpan(0, count);
        return count > 0;
    }

    public override void Dispose() => split.Dispose();
}
