using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MicroSpark.Code;
using MicroSpark.Codecs;
using MicroSpark.Hashing;
using MicroSpark.Stopping;

namespace MicroSpark.Memory;

/// <summary>Makes frames, one at a time, in one pooled array. Used by one thread.</summary>
/// <param name="clean">
/// Whether bytes between fields, which hold whatever was in that memory before, are written as zero, and the elements are hashed by their
/// content.
/// </param>
internal sealed class FrameEncoder(CodeSpace space, bool clean = false) : IBufferWriter<byte>, IDisposable
{
    /// <summary>After so many elements of unknown size it is asked whether the frame is full.</summary>
    private const int Piece = 16;

    private readonly List<ulong> _contents = [];
    private byte[] _bytes = [];
    private int _length = Frame.HeaderLength;
    private FrameHeader _last;
    private ContentHash? _hash;

    /// <summary>The last frame, header and payload. Valid until the next one is made.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    /// <inheritdoc cref="Written"/>
    public Frame WrittenFrame => new(_last, Written[Frame.HeaderLength..]);

    /// <summary>Makes a frame of as many of the first elements as one takes.</summary>
    /// <returns>How many: at least 1 when there are any.</returns>
    public int Write<T>(ReadOnlySpan<T> items)
    {
        ArgumentOutOfRangeException.ThrowIfZero(items.Length);
        using var section = TaskProgress.Current.Engine();
        _length = Frame.HeaderLength;
        _contents.Clear();
        var count = Frame.IsMemory<T>() ? CopyMemory(items) : Encode(items);
        _last = FrameHeader.Of(count, _bytes.AsSpan(Frame.HeaderLength, _length - Frame.HeaderLength));
        _last.Write(_bytes);
        return count;
    }

    /// <summary>
    /// The fingerprint of a sequence that goes on with the elements of the last frame. Wherever frames end, and whatever objects elements
    /// share, it is the same.
    /// </summary>
    public ulong AddContent(ulong fingerprint)
    {
        foreach (var content in _contents)
        {
            fingerprint = HashMix.Combine(fingerprint, content);
        }

        return fingerprint;
    }

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(_length);
    }

    public void Dispose()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }
    }

    private int CopyMemory<T>(ReadOnlySpan<T> items)
    {
        var count = Math.Min(items.Length, Frame.ElementsOf<T>());
        if (clean)
        {
            ValueWriter writer = new(this, space);
            CodecOf<T>.Instance.WriteRun(ref writer, items[..count]);
            writer.Flush();
            writer.Dispose();
            _contents.Add(ContentHash.OfEncoded(_bytes.AsSpan(Frame.HeaderLength, _length - Frame.HeaderLength), count));
            return count;
        }

        var bytes = MemoryMarshal.CreateReadOnlySpan(
            ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(items)), count * Unsafe.SizeOf<T>());
        bytes.CopyTo(GetSpan(bytes.Length));
        Advance(bytes.Length);
        return count;
    }

    private int Encode<T>(ReadOnlySpan<T> items)
    {
        var codec = CodecOf<T>.Instance;
        var most = Math.Min(items.Length, Frame.ElementsOf<T>());
        var count = 0;
        ValueWriter writer = new(this, space);
        try
        {
            while (count < most && _length < Frame.TargetBytes)
            {
                var piece = items.Slice(count, Math.Min(Piece, most - count));
                var start = _length;
                codec.WriteRun(ref writer, piece);
                writer.Flush();
                count += piece.Length;
                if (clean)
                {
                    _contents.Add(
                        writer.TakeReferences()
                            ? (_hash ??= new ContentHash(space)).Of(piece)
                            : ContentHash.OfEncoded(_bytes.AsSpan(start, _length - start), piece.Length));
                }
            }
        }
        catch (NotEncodableException error) when (error.Path.Length == 0)
        {
            throw error.Below(TypeNames.Of(typeof(T)) + "[]", items.ToArray());
        }
        finally
        {
            writer.Dispose();
        }

        return count;
    }

    private void Reserve(int sizeHint)
    {
        var needed = (long)_length + Math.Max(sizeHint, 1);
        if (needed <= _bytes.Length)
        {
            return;
        }

        if (needed > Array.MaxLength)
        {
            throw new InvalidOperationException(
                $"{Piece} neighbouring elements take more than {Array.MaxLength} bytes encoded. Use smaller elements.");
        }

        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Math.Max(needed, 2L * _bytes.Length), Array.MaxLength));
        if (_bytes.Length > 0)
        {
            _bytes.AsSpan(0, _length).CopyTo(larger);
            Dispose();
        }

        _bytes = larger;
    }
}
