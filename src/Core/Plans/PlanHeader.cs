using MicroSpark.Code;

namespace MicroSpark.Plans;

/// <summary>What a plan starts with: the engine's build.</summary>
internal sealed record PlanHeader(Guid Engine)
{
    public static PlanHeader Current => new(typeof(PlanHeader).Module.ModuleVersionId);

    public byte[] ToBytes()
    {
        var writer = new PlanWriter();
        writer.Bytes(Engine.ToByteArray());
        return writer.WrittenSpan.ToArray();
    }

    /// <exception cref="InvalidDataException">The client runs another build of MicroSpark.</exception>
    public static PlanHeader FromBytes(ReadOnlyMemory<byte> bytes)
    {
        var reader = new PlanReader(bytes, [], CodeSpace.Process);
        var header = new PlanHeader(new Guid(reader.Bytes().Span));
        if (header.Engine != typeof(PlanHeader).Module.ModuleVersionId)
        {
            throw new InvalidDataException(
                $"The client runs another build of MicroSpark ({header.Engine}) than this worker "
                + $"({typeof(PlanHeader).Module.ModuleVersionId}). Use the same build on both.");
        }

        return header;
    }
}
