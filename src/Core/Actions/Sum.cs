using System.Numerics;
using MicroSpark.Actions;
using MicroSpark.Closures;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Stages;

namespace MicroSpark.Actions
{
    /// <summary>The checked sum of a partition.</summary>
    internal sealed class SumNode<T>(PlanNode<T> parent) : ActionNode<T, T>(parent)
        where T : struct, INumber<T>
    {
        private SumNode(PlanReader reader)
            : this(reader.Parent<T>())
        {
        }

        public override string Operator => "Sum";

        public override void WriteArguments(PlanWriter writer)
        {
        }

        protected override T Compute(IPipeline<T> input, int partition, TaskScope scope)
        {
            var sink = new SumSink<T> { Sum = T.Zero };
            input.Drive(ref sink);
            return sink.Sum;
        }
    }

    internal struct SumSink<T> : ISink<T>, ITakesAll, IBriefSink
        where T : struct, INumber<T>
    {
        public T Sum;

        public readonly bool IsBrief => typeof(T).IsPrimitive;

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
        public bool Add(T item)
        {
            Sum = checked(Sum + item);
            return true;
        }
    }
}

namespace MicroSpark.Actions
{
    [EngineFunction]
    internal sealed class CheckedSum<T>(string overflow)
        where T : struct, INumber<T>
    {
        public T Of(T[] parts)
        {
            var sum = T.Zero;
            try
            {
                foreach (var part in parts)
                {
                    sum = checked(sum + part);
                }
            }
            catch (OverflowException e)
            {
                throw new JobFailedException(overflow, e) { Operator = "Sum" };
            }

            return sum;
        }
    }
}

namespace MicroSpark
{
    /// <summary>Operations on RDDs of numbers.</summary>
    public static partial class NumericRdd
    {
        /// <summary>The sum; 0 for an empty RDD. Checked, as LINQ's: integers that overflow fail.</summary>
        /// <exception cref="JobFailedException">A task failed for good, or the sum overflows: then with the <see cref="OverflowException"/>
        /// inside.</exception>
        public static Task<T> SumAsync<T>(this Rdd<T> rdd, CancellationToken cancellationToken = default)
            where T : struct, INumber<T>
        {
            ArgumentNullException.ThrowIfNull(rdd);
            var overflow = $"The sum of '{rdd.Name}' does not fit into {typeof(T).Name}. Map to a wider type first.";
            return rdd.ResultAsync(nameof(SumAsync), () => new SumNode<T>(rdd.Node), new CheckedSum<T>(overflow).Of, cancellationToken);
        }
    }
}
