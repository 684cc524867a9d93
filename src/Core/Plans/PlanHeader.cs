using MicroSpark.Code;
using MicroSpark.Model;

namespace MicroSpark.Plans;

/// <summary>
/// What a plan starts with: the number that says which workers count for it, and the engine's build, whose nodes it names. Grains read a
/// plan's skeleton whatever these are, since a grain may be activated on any silo. A worker runs no plan of another build.
/// </summary>
internal sealed record PlanHeader(ProtocolNumber Protocol, Guid Engine)
{
    public static PlanHeader Current => new(ProtocolNumber.Current, typeof(PlanHeader).Module.ModuleVersionId);

    public byte[] ToBytes()
    {
        var writer = new PlanWriter();
        writer.Int32(Protocol.Value);
        writer.Bytes(Engine.ToByteArray());
        return writer.WrittenSpan.ToArray();
    }

    public static PlanHeader FromBytes(ReadOnlyMemory<byte> bytes)
    {
        var reader = new PlanReader(bytes, [], CodeSpace.Process);
        return new PlanHeader(new ProtocolNumber(reader.Int32()), reader.Guid());
    }

    /// <exception cref="InvalidDataException">The client runs another build of MicroSpark.</exception>
    public void EnsureRuns()
    {
        var here = Current;
        if (Protocol != here.Protocol)
        {
            throw new InvalidDataException(
                $"The client runs MicroSpark {Protocol}, and this worker {here.Protocol}. Use the same version on both: "
                + $"'dotnet package add MicroSpark --version {here.Protocol}.*' changes the program's, "
                + $"'dotnet tool update --global MicroSpark.Tool --version {Protocol}.*' the worker's.");
        }

        // A plan names the engine's own nodes and methods, and how they read their arguments is the build's business.
        if (Engine != here.Engine)
        {
            throw new InvalidDataException(
                $"The client runs another build of MicroSpark ({Engine}) than this worker ({here.Engine}). Use the same build on both.");
        }
    }
}
