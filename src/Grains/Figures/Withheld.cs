namespace MicroSpark.Grains.Figures;

/// <summary>
/// What stands where somebody may not see a value of a job: a key, an error's text, a stack, a line that a task said. It is put there
/// before anything is sent, so that no path to a viewer has the value itself.
/// </summary>
internal static class Withheld
{
    /// <param name="owner">Of the job; null when it is the cluster's own secret's, or not known.</param>
    public static string From(string? owner) =>
        owner is null ? "(for admins and who has the cluster's own secret)" : $"(for {owner}, whose job it is, and admins)";

    /// <summary>The same of a text; null when there is none.</summary>
    public static string? Of(string? text, string? owner) => text is null ? null : From(owner);
}
