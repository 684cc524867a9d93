using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MicroSpark.Codecs;

/// <summary>Types without references as their memory; a run of them is one copy.</summary>
/// <remarks>
/// Bytes between fields hold whatever was in that memory before. They are written as zero, since encodings are hashed into lineage ids.
/// </remarks>
internal sealed class RawCodec<T> : Codec<T>
{
    private readonly int[]? _padding = RawLayout.PaddingOf(typeof(T), Unsafe.SizeOf<T>());
    private readonly RawPart[]? _parts = RawParts.Of(typeof(T));

    public override int MinBytes => Unsafe.SizeOf<T>();

    public override void Write(ref ValueWriter writer, in T value)
    {
        if (_padding is null)
        {
            writer.WriteRaw(ref Unsafe.AsRef(in value));
        }
        else
        {
            WritePadded(ref writer, new ReadOnlySpan<T>(in value));
        }
    }

    public override void Read(ref ValueReader reader, out T value)
    {
        reader.ReadRaw(out value);
        if (_parts is not null)
        {
            Check(WritableBytes(new Span<T>(ref value)));
        }
    }

    public override void WriteRun(ref ValueWriter writer, ReadOnlySpan<T> items)
    {
        // In pieces: the bytes of a large run may exceed the limit of a span, and the memory that an output likes to hand out at once.
        var piece = Math.Max(1, (1 << 16) / Unsafe.SizeOf<T>());
        for (; items.Length > 0; items = items[Math.Min(piece, items.Length)..])
        {
            var next = items[..Math.Min(piece, items.Length)];
            if (_padding is null)
            {
                writer.WriteBytes(Bytes(next));
            }
            else
            {
                WritePadded(ref writer, next);
            }
        }
    }

    public override void ReadRun(ref ValueReader reader, Span<T> items)
    {
        if ((long)items.Length * Unsafe.SizeOf<T>() > reader.Remaining)
        {
            throw ValueReader.Corrupt(
                $"{items.Length} elements of {Unsafe.SizeOf<T>()} bytes are announced and {reader.Remaining} bytes follow");
        }

        var bytes = reader.ReadBytes(items.Length * Unsafe.SizeOf<T>());
        if (_parts is not null)
        {
            Check(bytes);
        }

        bytes.CopyTo(WritableBytes(items));
    }

    private void Check(ReadOnlySpan<byte> items)
    {
        foreach (var part in _parts!)
        {
            if (!part.IsValueIn(items, Unsafe.SizeOf<T>()))
            {
                throw RawParts.Corrupt(typeof(T));
            }
        }
    }

    private void WritePadded(ref ValueWriter writer, scoped ReadOnlySpan<T> items)
    {
        var bytes = Bytes(items);
        var room = writer.Claim(bytes.Length)[..bytes.Length];
        bytes.CopyTo(room);
        foreach (var hole in _padding!)
        {
            for (var at = hole; at < room.Length; at += Unsafe.SizeOf<T>())
            {
                room[at] = 0;
            }
        }

        writer.Advance(bytes.Length);
    }

    // T has no references; the constraint that would say so cannot be met by a type parameter.
    private static ReadOnlySpan<byte> Bytes(ReadOnlySpan<T> items) =>
        MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(items)), items.Length * Unsafe.SizeOf<T>());

    private static Span<byte> WritableBytes(Span<T> items) =>
        MemoryMarshal.CreateSpan(ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(items)), items.Length * Unsafe.SizeOf<T>());
}
