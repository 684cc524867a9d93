namespace MicroSpark.Plans;

/// <summary>
/// Lives exactly as long as a client can name an output that a job of it has kept. Each plan node of that lineage holds it; a node is held
/// by its <see cref="Rdd{T}"/>, by its children, and by the plans of running jobs. When the collector has taken this, no program code can
/// ask for the output any more, but by declaring the same recipe anew.
/// </summary>
internal sealed class OutputName;
