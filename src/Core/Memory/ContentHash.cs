using System.Buffers;
using MicroSpark.Code;
using MicroSpark.Codecs;

namespace MicroSpark.Memory;

/// <summary>
/// Hashes elements by their content, and not by the objects that they share. A task that reads its input in place may meet one object
/// twice; the same input read from frames has two objects there. So the hash is of an encoding with every object written in full and types
/// named as if for the first time. It covers only the beginning of a long encoding: elements that share much can be far longer so than they
/// are.
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
