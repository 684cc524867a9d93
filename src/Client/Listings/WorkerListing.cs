using MicroSpark.Options;

namespace MicroSpark.Client.Listings;

/// <summary>Who computes.</summary>
internal static class WorkerListing
{
    public static Listing<WorkerInfo> All { get; } =
        new(
            "workers", "List the cluster's workers.", (spark, token) => spark.WorkersAsync(token),
            ["name", "address", "state", "slots", "given up", "memory"],
            worker =>
            [
                worker.Name, worker.Address, worker.State.ToString(), $"{worker.SlotsBusy}/{worker.Slots} busy", $"{worker.GivenUp}",
                $"{ByteSize.Show(worker.MemoryUsed)} of {ByteSize.Show(worker.MemoryBudget)}",
            ],
            (json, worker) =>
            {
                json.WriteString("name", worker.Name);
                json.WriteString("address", worker.Address);
                json.WriteString("state", worker.State.ToString());
                json.WriteNumber("slots", worker.Slots);
                json.WriteNumber("slotsBusy", worker.SlotsBusy);
                json.WriteNumber("givenUp", worker.GivenUp);
                json.WriteNumber("memoryUsed", worker.MemoryUsed);
                json.WriteNumber("memoryBudget", worker.MemoryBudget);
            });
}
