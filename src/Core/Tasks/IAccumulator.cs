using MicroSpark.Codecs;

namespace MicroSpark.Tasks;

/// <summary>An accumulator, for those who do not know its types.</summary>
internal interface IAccumulator : IShippable
{
    /// <summary>Null until it is registered.</summary>
    AccumulatorTag? Tag { get; set; }

    bool IsZero { get; }

    /// <summary>A copy without content: what tasks start from.</summary>
    IAccumulator Empty();

    /// <summary>Adds what a task's copy holds.</summary>
    void MergeUpdate(IAccumulator update);
}

/// <summary>Which accumulator it is.</summary>
/// <param name="InTask">A task's copy: can be added to, not read.</param>
internal sealed record AccumulatorTag(Guid Id, string? Name, bool InTask);
