namespace MicroSpark.Codecs;

/// <summary>Interfaces, abstract classes and object: the runtime type decides.</summary>
internal sealed class AbstractCodec<T> : Codec<T>
    where T : class
{
    /// <summary>The codec of objects that are nothing more than this type, where there are such.</summary>
    public Codec? OfPlain { private get; init; }

    public override Codec Exact => OfPlain ?? this;

    public override bool IsConcrete => false;

    public override void Write(ref ValueWriter writer, in T value)
    {
        if (value is null)
        {
            writer.WriteByte(Header.Null);
        }
        else
        {
            Reference.WriteOther(ref writer, value, this);
        }
    }

    public override void Read(ref ValueReader reader, out T value)
    {
        var header = reader.ReadByte();
        value = header == Header.Null ? null! : Reference.ReadOther<T>(ref reader, header);
    }
}
