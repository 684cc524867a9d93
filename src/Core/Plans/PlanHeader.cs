using MicroSpark.Code;
using MicroSpark.Model;

namespace MicroSpark.Plans;

/// <summary>
/// What a plan starts with: the number that says which workers count for it. Grains read a plan's skeleton whatever it is, since a grain
/// may be activated on any silo. A worker runs no plan of another number. Patches of one number run each other's: a plan has nothing in it
/// that only the build knows, see <see cref="Closures.EngineFunctionAttribute"/>.
/// </summary>
internal sealed record PlanHeader(ProtocolNumber Protocol)
{
    public static PlanHeader Current => new(ProtocolNumber.Current);

    public byte[] ToBytes()
    {
        var writer = new PlanWriter();
        writer.Int32(Protocol.Value);
        return writer.WrittenSpan.ToArray();
    }

    public static PlanHeader FromBytes(ReadOnlyMemory<byte> bytes) =>
        new(new ProtocolNumber(new PlanReader(bytes, [], CodeSpace.Process).Int32()));

    /// <exception cref="InvalidDataException">The client runs another version of MicroSpark.</exception>
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
    }
}
