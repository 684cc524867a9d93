using System.Buffers.Binary;
using System.Text;
using MicroSpark.Codecs;

namespace MicroSpark.Files;

/// <summary>
/// What a type's encoding depends on: its fields, their types, and theirs in turn. An object file names the shape that it was written with,
/// so that another one is noticed before bytes are taken for what they are not.
/// </summary>
internal readonly record struct ElementShape(string TypeName, ulong Hash)
{
    public static ElementShape Of(Type type)
    {
        var text = new StringBuilder();
        var seen = new HashSet<Type> { type };
        var open = new Queue<Type>(seen);
        while (open.TryDequeue(out var next))
        {
            text.Append(TypeNames.Of(next)).Append(next.IsEnum ? Enum.GetUnderlyingType(next).Name : "").Append('{');
            foreach ((var segment, var part) in TypeWalk.PartsOf(next))
            {
                text.Append(segment).Append(' ').Append(TypeNames.Of(part)).Append(';');
                if (seen.Add(part))
                {
                    open.Enqueue(part);
                }
            }

            text.Append('}');
        }

        return new ElementShape(TypeNames.Of(type), System.IO.Hashing.XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(text.ToString())));
    }

    public byte[] ToBytes()
    {
        var name = Encoding.UTF8.GetBytes(TypeName);
        var bytes = new byte[12 + name.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Hash);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), name.Length);
        name.CopyTo(bytes, 12);
        return bytes;
    }

    public static ElementShape Read(Stream input)
    {
        Span<byte> head = stackalloc byte[12];
        input.ReadExactly(head);
        var length = BinaryPrimitives.ReadInt32LittleEndian(head[8..]);
        if (length is < 0 or > 1 << 20)
        {
            throw new InvalidDataException($"The name of the element type has {length} bytes.");
        }

        // A length that damage makes up is not allocated before its bytes have come.
        var name = new byte[Math.Min(length, 4096)];
        input.ReadExactly(name);
        while (name.Length < length)
        {
            var read = name.Length;
            Array.Resize(ref name, Math.Min(length, 2 * read));
            input.ReadExactly(name.AsSpan(read));
        }

        return new ElementShape(Encoding.UTF8.GetString(name), BinaryPrimitives.ReadUInt64LittleEndian(head));
    }
}
