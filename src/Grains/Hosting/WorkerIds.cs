using MicroSpark.Model;
using Orleans.Runtime;

namespace MicroSpark.Grains.Hosting;

/// <summary>A worker's id is its silo's address with the generation, as Orleans writes and reads it.</summary>
internal static class WorkerIds
{
    public static WorkerId Of(SiloAddress silo) => new(silo.ToParsableString());

    public static SiloAddress ToSilo(this WorkerId worker) => SiloAddress.FromParsableString(worker.Value);
}
