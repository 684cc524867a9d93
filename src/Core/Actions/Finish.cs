using System.Runtime.ExceptionServices;
using MicroSpark.Closures;
using MicroSpark.Codecs;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Storage;

namespace MicroSpark.Actions;

/// <summary>
/// Puts the parts of a submitted action's result together, in a task of its own. So any client finds the result, even when the submitting
/// client is gone.
/// </summary>
internal sealed class FinishNode<P, R>(PlanNode<P> parts, string operatorName, Closure<Func<P[], R>> finish) : PlanNode<R>(parts),
IStageRoot
{
    private readonly PlanNode<P> _parts = parts;

    private FinishNode(PlanReader reader)
        : this(reader.Parent<P>(), reader.Text(), reader.Closure<Func<P[], R>>())
    {
    }

    public override string Operator => operatorName;

    public override OutputKind Output => OutputKind.Result;

    public override PartitionMap MapOf(int parent) => PartitionMap.All.Instance;

    protected override int CountPartitions() => 1;

    protected override bool HasStableIdentity => finish.HasStableIdentity;

    public static EncodedPlan Encode(string operatorName, PlanNode<P> parts, Func<P[], R> finish) =>
        PlanEncoder.Encode(new FinishNode<P, R>(parts, operatorName, Closure<Func<P[], R>>.Capture(finish, operatorName, nameof(finish))));

    public override void WriteArguments(PlanWriter writer)
    {
        writer.Text(operatorName);
        writer.Closure(finish);
    }

    public Block Run(int partition, TaskScope scope)
    {
        var all = new List<P>();
        if (_parts.NumPartitions > 0)
        {
            using var reader = scope.ReadShuffle<P>(_parts, 0);
            while (reader.Next(int.MaxValue, out var run))
            {
                all.AddRange(run);
            }
        }

        try
        {
            return new ResultBlock<R>(finish.CreateInstance()([.. all]), ValueCodec.IsShareable(typeof(R)));
        }
        catch (JobFailedException e) when (e.InnerException is { } users)
        {
            // What a client would say of a function that fails while it merges; here the task says it.
            ExceptionDispatchInfo.Throw(users);
            throw;
        }
    }

    public override ChunkReader<R> Open(int partition, TaskScope scope) =>
        throw new InvalidOperationException("An action is the root of its plan and is never opened.");
}
