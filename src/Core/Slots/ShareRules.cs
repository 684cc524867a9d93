namespace MicroSpark.Slots;

/// <summary>A cluster's own rules for the shares of slots.</summary>
/// <param name="Jobs">Among the jobs of one group.</param>
/// <param name="Weights">Of applications by name; 1 for those that it does not name.</param>
/// <param name="Owners">Weights of principals by name; 1 for those that it does not name, and for the cluster's own secret.</param>
internal sealed record ShareRules(
    SchedulingMode Jobs, IReadOnlyDictionary<string, int> Weights, IReadOnlyDictionary<string, int>? Owners = null)
{
    public static ShareRules Equal { get; } = new(SchedulingMode.Fair, new Dictionary<string, int>());

    public int WeightOfOwner(string? owner) => owner is null || Owners is null ? 1 : Owners.GetValueOrDefault(owner, 1);

    public int WeightOf(string? application) => application is null ? 1 : Weights.GetValueOrDefault(application, 1);
}
