using System.Buffers;
using MicroSpark.Code;
using MicroSpark.Codecs;

namespace MicroSpark.Memory;

/// <summary>
/// Hashes elements by what they hold, and not by which objects they share: a task that reads its input where it lies meets an object twice
/// that comes as two when it is read from frames. The hash is that of the elements' encoding with every object written in full, types named
/// as if for the first time, or of the beginning of it: elements that share much can be far longer so than they are.
/// </summary>
internal sealed class ContentHash(CodeSpace space) : IBufferWriter<byte>
{
    private const int Most = 16 << 20;

    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>Of elements that were encoded without a reference to anything before.</summary>
    public static ulong OfEncoded(ReadOnlySpan<byte> bytes, int count) => ByteHash.Of(bytes[..Math.Min(bytes.Length, Most)], (ulong)count);

    /// <summary>The same of any elements.</summary>
    public ulong Of<T>(ReadOnlySpan<T> items)
    {
        _bytes.ResetWrittenCount();
        ValueWriter writer = new(this, space);
        try
        {
            writer.WriteInFull();
            CodecOf<T>.Instance.WriteRun(ref writer, items);
            writer.Flush();
        }
        catch (EnoughException)
        {
            // What is there counts.
        }
        finally
        {
            writer.Dispose();
        }

        return OfEncoded(_bytes.WrittenSpan, items.Length);
    }

    public void Advance(int count) => _bytes.Advance(count);

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureRoom();
        return _bytes.GetMemory(sizeHint);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        EnsureRoom();
        return _bytes.GetSpan(sizeHint);
    }

    private void EnsureRoom()
    {
        if (_bytes.WrittenCount >= Most)
        {
            throw new EnoughException();
        }
    }

    /// <summary>Ends the encoding.</summary>
    private sealed class EnoughException : Exception;
}
