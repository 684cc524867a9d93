using MicroSpark.Files;

namespace MicroSpark.Formats.Json;

/// <summary>Takes a split apart into the texts of single values.</summary>
internal abstract class JsonValues : IDisposable
{
    /// <summary>
    /// The next value's text, valid until the next call, and where it starts in the (decompressed) file; false at the end.
    /// </summary>
    public abstract bool TryRead(out ReadOnlySpan<byte> value, out long offset);

    public abstract void Dispose();
}

/// <summary>A value a line. Lines of white space are none.</summary>
internal sealed class JsonLines(TextSplitReader split) : JsonValues
{
    public override bool TryRead(out ReadOnlySpan<byte> value, out long offset)
    {
        while (split.TryReadLine(out value, out offset))
        {
            if (value.ContainsAnyExcept((byte)' ', (byte)'\t'))
            {
                return true;
            }
        }

        return false;
    }

    public override void Dispose() => split.Dispose();
}
