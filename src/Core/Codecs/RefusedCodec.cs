namespace MicroSpark.Codecs;

/// <summary>Types without an encoding: null passes, everything else says why it does not.</summary>
internal sealed class RefusedCodec<T>(string reason) : Codec<T>
{
    public override bool IsConcrete => false;

    public override void Write(ref ValueWriter writer, in T value)
    {
        if (value is not null)
        {
            throw new NotEncodableException("", reason, value);
        }

        writer.WriteByte(Header.Null);
    }

    public override void Read(ref ValueReader reader, out T value)
    {
        var header = reader.ReadByte();
        value = header == Header.Null && !typeof(T).IsValueType
            ? default!
            : throw ValueReader.Corrupt($"a {typeof(T)} follows, which has no encoding");
    }

    public override void WriteContent(ref ValueWriter writer, object value) => throw new NotEncodableException("", reason, value);

    public override object ReadContent(ref ValueReader reader) =>
        throw ValueReader.Corrupt($"a {typeof(T)} follows, which has no encoding");
}
