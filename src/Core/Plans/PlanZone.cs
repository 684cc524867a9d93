using MicroSpark.Model;

namespace MicroSpark.Plans;

/// <summary>
/// The time zone of the client that made a plan. A plan whose lambdas reach local time runs only where the local zone has the same rules:
/// elsewhere its answer would be another one. .NET has one such zone per process, so a task cannot put on its client's, as it does with
/// the culture.
/// </summary>
/// <param name="Client">The client's local zone.</param>
/// <param name="LocalTime">The call that reaches local time, as messages name it; null when none does, and the zone matters to nobody.
/// </param>
internal sealed record PlanZone(LocalZone Client, string? LocalTime)
{
    public static PlanZone Read(PlanReader reader)
    {
        var client = LocalZone.Parse(reader.Text()) ?? throw new InvalidDataException("The plan is damaged: it names no time zone.");
        return new PlanZone(client, reader.Text() is { Length: > 0 } use ? use : null);
    }

    public void Write(PlanWriter writer)
    {
        writer.Text(Client.ToString());
        writer.Text(LocalTime ?? "");
    }

    /// <summary>Why a worker of another zone cannot run the plan; null when it can.</summary>
    /// <param name="worker">The worker's zone; null when it does not tell.</param>
    public string? RefusalBy(LocalZone? worker, string name) =>
        LocalTime is null || worker is null || worker.Rules == Client.Rules
            ? null
            : $"{LocalTime} depends on the process's time zone. The program's is '{Client.Id}', and that of {name} is '{worker.Id}', which "
                + "has other rules: the answer would be another one there. Compute in UTC (times of kind Utc, DateTimeOffset, "
                + "DateTimeStyles.AdjustToUniversal), or capture a TimeZoneInfo and convert with it, or start the workers with the setting "
                + $"MicroSpark:TimeZone = {Client.Id}.";

    /// <summary>For a worker that the client did not know of when it submitted the plan.</summary>
    /// <exception cref="InvalidDataException">A lambda reaches local time, and this process's zone has other rules.</exception>
    public void EnsureRuns()
    {
        if (RefusalBy(LocalZone.Current, "the worker") is { } refusal)
        {
            throw new InvalidDataException(refusal);
        }
    }
}
