using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MicroSpark.Codecs;

/// <summary>Types without references as their memory; a run of them is one copy.</summary>
/// <remarks>
/// Bytes between fields hold whatever was in that memory before. They are written as zero, since encodings are hashed into lineage ids.
/// </remarks>
internal sealed class RawCodec<T> : Codec<T>
{
    private readonly byte[]? _mask = RawLayout.PaddingMask(typeof(T), Unsafe.SizeOf<T>());

    public override int MinBytes => Unsafe.SizeOf<T>();

    public override void Write(ref ValueWriter writer, in T value)
    {
        if (_mask is null)
        {
            writer.WriteRaw(ref Unsafe.AsRef(in value));
        }
        else
        {
            WriteMasked(ref writer, in value);
        }
    }

    public override void Read(ref ValueReader reader, out T value) => reader.ReadRaw(out value);

    public override void WriteRun(ref ValueWriter writer, ReadOnlySpan<T> items)
    {
        if (_mask is not null)
        {
            base.WriteRun(ref writer, items);
            return;
        }

        // In pieces: the bytes of a large run may exceed what one span can hold.
        int piece = Math.Max(1, (1 << 28) / Unsafe.SizeOf<T>());
        for (; items.Length > 0; items = items[Math.Min(piece, items.Length)..])
        {
            writer.WriteBytes(Bytes(items[..Math.Min(piece, items.Length)]));
        }
    }

    public override void ReadRun(ref ValueReader reader, Span<T> items)
    {
        if ((long)items.Length * Unsafe.SizeOf<T>() > reader.Remaining)
        {
            throw ValueReader.Corrupt($"{items.Length} elements of {Unsafe.SizeOf<T>()} bytes are announced and {reader.Remaining} bytes follow");
        }

        reader.ReadBytes(items.Length * Unsafe.SizeOf<T>()).CopyTo(WritableBytes(items));
    }

    private void WriteMasked(ref ValueWriter writer, in T value)
    {
        Span<byte> room = writer.Claim(Unsafe.SizeOf<T>())[..Unsafe.SizeOf<T>()];
        Unsafe.WriteUnaligned(ref MemoryMarshal.GetReference(room), value);
        ReadOnlySpan<byte> mask = _mask;
        for (int i = 0; i < room.Length; i++)
        {
            room[i] &= mask[i];
        }

        writer.Advance(room.Length);
    }

    // T has no references; the constraint that would say so cannot be met by a type parameter.
    private static ReadOnlySpan<byte> Bytes(ReadOnlySpan<T> items) =>
        MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(items)), items.Length * Unsafe.SizeOf<T>());

    private static Span<byte> WritableBytes(Span<T> items) =>
        MemoryMarshal.CreateSpan(ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(items)), items.Length * Unsafe.SizeOf<T>());
}
