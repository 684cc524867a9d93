using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MicroSpark.Code;
using MicroSpark.Model;

namespace MicroSpark.Codecs;

/// <summary>
/// Writes one self-contained encoding: bytes, and beside them the types and objects that were written already. Passed by reference;
/// whoever makes it calls <see cref="Flush"/> at the end and <see cref="Dispose"/> in any case.
/// </summary>
/// <param name="functions">Only for the bytes of a plan. Without it functions are refused: what is written is data.</param>
internal ref struct ValueWriter(IBufferWriter<byte> output, CodeSpace space, PlanFunctions? functions = null)
{
    private const int LargestReserve = 1 << 20;

    private Span<byte> _buffer = default;
    private int _position;
    private WriteState? _state;

    public readonly CodeSpace Space => space;

    /// <summary>Null when what is written is data.</summary>
    public readonly PlanFunctions? Functions => functions;

    /// <summary>The user assemblies that were named so far, in order of their first use.</summary>
    public readonly IReadOnlyList<AssemblyId> Assemblies => _state is null ? [] : _state.Types.Assemblies.ToArray();

    internal WriteState State => _state ??= WriteState.Rent();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteByte(byte value)
    {
        if ((uint)_position >= (uint)_buffer.Length)
        {
            Grow(1);
        }

        _buffer[_position++] = value;
    }

    /// <summary>Writes 7 bits a byte, low ones first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteVarint(uint value)
    {
        if (value < 0x80)
        {
            WriteByte((byte)value);
        }
        else
        {
            WriteLongVarint(value);
        }
    }

    /// <inheritdoc cref="WriteVarint(uint)" />
    public void WriteLongVarint(ulong value)
    {
        Reserve(10);
        while (value >= 0x80)
        {
            _buffer[_position++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _buffer[_position++] = (byte)value;
    }

    /// <summary>Writes the memory of a value that holds no references.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteRaw<T>(ref T value)
    {
        Reserve(Unsafe.SizeOf<T>());
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref MemoryMarshal.GetReference(_buffer), _position), value);
        _position += Unsafe.SizeOf<T>();
    }

    public void WriteBytes(scoped ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > _buffer.Length - _position)
        {
            // Large runs go out in pieces, so that a pooled output is never asked for one huge buffer.
            var piece = Math.Min(bytes.Length, _buffer.Length - _position);
            bytes[..piece].CopyTo(_buffer[_position..]);
            _position += piece;
            bytes = bytes[piece..];
            Grow(Math.Min(bytes.Length, LargestReserve));
        }

        bytes.CopyTo(_buffer[_position..]);
        _position += bytes.Length;
    }

    /// <summary>Room for the next <paramref name="count"/> bytes, to be filled by the caller and kept with <see cref="Advance"/>.</summary>
    public Span<byte> Claim(int count)
    {
        Reserve(count);
        return _buffer[_position..];
    }

    public void Advance(int count) => _position += count;

    /// <summary>From now on each object is written in full wherever it occurs. No reader understands it: it is for comparing.</summary>
    public void WriteInFull() => State.Around = new(ReferenceEqualityComparer.Instance);

    /// <summary>Whether the bytes since the last call refer to earlier ones, or name an object or type for later ones.</summary>
    public readonly bool TakeReferences()
    {
        if (_state is not { HasReferences: true } state)
        {
            return false;
        }

        state.HasReferences = false;
        return true;
    }

    public void Flush()
    {
        if (_position > 0)
        {
            output.Advance(_position);
        }

        _buffer = default;
        _position = 0;
    }

    public void Dispose()
    {
        var state = _state;
        _state = null;
        state?.Return();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Reserve(int count)
    {
        if (_buffer.Length - _position < count)
        {
            Grow(count);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int count)
    {
        Flush();
        _buffer = output.GetSpan(Math.Max(count, 256));
    }
}
