namespace MicroSpark.Tasks;

/// <summary>What one task adds to accumulators: its copies, one for each accumulator that its lambdas captured.</summary>
internal sealed class TaskAccumulators
{
    private readonly List<IAccumulator> _copies = [];

    public IReadOnlyList<IAccumulator> Copies => _copies;

    public IAccumulator? Find(Guid id) => _copies.Find(copy => copy.Tag!.Id == id);

    public void Add(IAccumulator copy) => _copies.Add(copy);
}
