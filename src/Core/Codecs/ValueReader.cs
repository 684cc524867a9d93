using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MicroSpark.Code;

namespace MicroSpark.Codecs;

/// <summary>
/// Reads what a <see cref="ValueWriter"/> wrote. Nothing in the bytes is trusted. Bytes that do not fit are an
/// <see cref="InvalidDataException"/>. No count allocates more than the remaining bytes can fill.
/// </summary>
/// <param name="functions">
/// Only for the bytes of a plan. Without it the bytes are data, and make data only: see <see cref="DataTypes"/>.
/// </param>
internal ref struct ValueReader(ReadOnlySpan<byte> bytes, CodeSpace space, PlanFunctions? functions = null)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position;
    private long _announced; // the fewest bytes of all things that counts have announced so far
    private ReadState? _state;

    public readonly CodeSpace Space => space;

    /// <summary>Whether the bytes are a plan's, whose submitter may run what he likes; those of data are anybody's.</summary>
    public readonly bool IsPlan => functions is not null;

    /// <summary>Bytes not yet read.</summary>
    public readonly int Remaining => _bytes.Length - _position;

    internal ReadState State => _state ??= ReadState.Rent();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte ReadByte()
    {
        if ((uint)_position >= (uint)_bytes.Length)
        {
            ThrowTruncated(1);
        }

        return _bytes[_position++];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint ReadVarint()
    {
        if ((uint)_position < (uint)_bytes.Length && _bytes[_position] < 0x80)
        {
            return _bytes[_position++];
        }

        var value = ReadLongVarint();
        return value <= uint.MaxValue ? (uint)value : throw Corrupt($"the number {value} exceeds 32 bits");
    }

    public ulong ReadLongVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = ReadByte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Corrupt("a number has more than 10 bytes");
    }

    /// <summary>Reads a count of things of at least <paramref name="minBytes"/> each, and checks that they can still follow.</summary>
    /// <remarks>
    /// No two counts announce the same bytes. So what all counts announce together is bounded too: lists in lists, each of which announces
    /// all that is left, would else take the square of the input's size.
    /// </remarks>
    public int ReadCount(int minBytes = 1) => CheckCount(ReadVarint(), minBytes);

    /// <inheritdoc cref="ReadCount" />
    public int CheckCount(uint count, int minBytes)
    {
        var bytes = (long)count * minBytes;
        if (bytes > Remaining)
        {
            throw Corrupt($"{count} elements of at least {minBytes} bytes are announced and {Remaining} bytes follow");
        }

        _announced += bytes;
        return _announced <= _bytes.Length
            ? (int)count
            : throw Corrupt($"all elements together are announced with {_announced} bytes or more, and there are {_bytes.Length}");
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ReadRaw<T>(out T value)
    {
        if (_bytes.Length - _position < Unsafe.SizeOf<T>())
        {
            ThrowTruncated(Unsafe.SizeOf<T>());
        }

        value = Unsafe.ReadUnaligned<T>(ref Unsafe.Add(ref MemoryMarshal.GetReference(_bytes), _position));
        _position += Unsafe.SizeOf<T>();
    }

    public ReadOnlySpan<byte> ReadBytes(int count)
    {
        if ((uint)count > (uint)Remaining)
        {
            ThrowTruncated(count);
        }

        var read = _bytes.Slice(_position, count);
        _position += count;
        return read;
    }

    /// <summary>The number of the next object; to be taken before anything of it is read.</summary>
    public int ReserveObject()
    {
        var objects = State.Objects;
        objects.Add(null);
        return objects.Count - 1;
    }

    /// <summary>Makes the object known to references inside it and after it.</summary>
    public void Register(int number, object value) => State.Objects[number] = value;

    /// <summary>The object that has this number.</summary>
    public object Resolve(uint number)
    {
        var state = State;
        if (number >= (uint)state.Objects.Count)
        {
            throw Corrupt($"object {number} is referenced and {state.Objects.Count} objects were read");
        }

        state.LowestBackReference = Math.Min(state.LowestBackReference, (int)number);
        return CollectionsMarshal.AsSpan(state.Objects)[(int)number]
            ?? throw Corrupt($"object {number} is referenced from inside itself and is of a type that has to be complete first");
    }

    /// <summary>
    /// Puts work off until all objects are complete, such as hashing a key that is still being read. Only for objects that are registered.
    /// </summary>
    public void Defer(Action action) => State.Deferred.Add(action);

    /// <summary>For what only plans hold.</summary>
    /// <param name="what">As in "a function".</param>
    /// <exception cref="InvalidDataException">The bytes are data.</exception>
    public readonly PlanFunctions RequirePlan(string what) => functions ?? throw Corrupt($"{what} follows, which only plans hold");

    /// <summary>Ends the reading: runs what was put off and checks that no bytes are left.</summary>
    public void Complete()
    {
        _state?.RunDeferred();
        if (Remaining != 0)
        {
            throw Corrupt($"{Remaining} bytes follow the value");
        }
    }

    public void Dispose()
    {
        var state = _state;
        _state = null;
        state?.Return();
    }

    public static InvalidDataException Corrupt(string found, Exception? inner = null) =>
        new($"The encoded value is damaged or was written for another type: {found}.", inner);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly void ThrowTruncated(int needed) => throw Corrupt($"{needed} bytes are needed and {Remaining} are left");
}
