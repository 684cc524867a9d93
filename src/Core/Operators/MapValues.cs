using System.Reflection.Emit;
using MicroSpark.Closures;
using MicroSpark.Operators;
using MicroSpark.Plans;
using MicroSpark.Stages;

namespace MicroSpark.Operators
{
    /// <summary>A function on each pair's value; the keys, and so their placement, stay.</summary>
    internal sealed class MapValuesNode<K, V, W> : FunctionNode<(K Key, V Value), (K Key, W Value), Func<V, W>>
    {
        public MapValuesNode(PlanNode<(K Key, V Value)> parent, string operatorName, Closure<Func<V, W>> function)
            : base(parent, operatorName, function)
        {
        }

        private MapValuesNode(PlanReader reader)
            : base(reader)
        {
        }

        public override object? Partitioner => Parent.Partitioner;

        public override void Emit(StageEmitter emitter, int firstFunction)
        {
            var pair = emitter.Current;
            emitter.IL.Emit(OpCodes.Ldloc, pair);
            emitter.IL.Emit(OpCodes.Ldfld, typeof(ValueTuple<K, V>).GetField("Item1")!);
            emitter.Call(firstFunction, () =>
            {
                emitter.IL.Emit(OpCodes.Ldloc, pair);
                emitter.IL.Emit(OpCodes.Ldfld, typeof(ValueTuple<K, V>).GetField("Item2")!);
            });
            emitter.IL.Emit(OpCodes.Newobj, typeof(ValueTuple<K, W>).GetConstructor([typeof(K), typeof(W)])!);
            emitter.SetCurrent(typeof(ValueTuple<K, W>));
        }

        protected override IEnumerable<(K Key, W Value)> Iterate(IEnumerable<(K Key, V Value)> upstream, ReadOnlySpan<Delegate> functions)
        {
            var f = (Func<V, W>)functions[0];
            return upstream.Select(pair => (pair.Key, f(pair.Value)));
        }
    }

    /// <summary>Any number of values for each pair's value, each under the same key.</summary>
    internal sealed class FlatMapValuesNode<K, V, W> : FunctionNode<(K Key, V Value), (K Key, W Value), Func<V, IEnumerable<W>>>,
    IExpandingNode, IThrowingNode
    {
        public FlatMapValuesNode(PlanNode<(K Key, V Value)> parent, string operatorName, Closure<Func<V, IEnumerable<W>>> function)
            : base(parent, operatorName, function)
        {
        }

        private FlatMapValuesNode(PlanReader reader)
            : base(reader)
        {
        }

        public override object? Partitioner => Parent.Partitioner;

        public override void Emit(StageEmitter emitter, int firstFunction)
        {
            var pair = emitter.Current;
            emitter.OpenFlatMap(
                firstFunction,
                () =>
                {
                    emitter.IL.Emit(OpCodes.Ldloc, pair);
                    emitter.IL.Emit(OpCodes.Ldfld, typeof(ValueTuple<K, V>).GetField("Item2")!);
                },
                typeof(W));
            emitter.IL.Emit(OpCodes.Ldloc, pair);
            emitter.IL.Emit(OpCodes.Ldfld, typeof(ValueTuple<K, V>).GetField("Item1")!);
            emitter.IL.Emit(OpCodes.Ldloc, emitter.Current);
            emitter.IL.Emit(OpCodes.Newobj, typeof(ValueTuple<K, W>).GetConstructor([typeof(K), typeof(W)])!);
            emitter.SetCurrent(typeof(ValueTuple<K, W>));
        }

        protected override IEnumerable<(K Key, W Value)> Iterate(IEnumerable<(K Key, V Value)> upstream, ReadOnlySpan<Delegate> functions)
        {
            var f = (Func<V, IEnumerable<W>>)functions[0];
            return upstream.SelectMany(pair => FlatMapBuffer<W>.NotNull(f(pair.Value)).Select(value => (pair.Key, value)));
        }
    }
}

namespace MicroSpark
{
    /// <summary>Operations on RDDs of key-value pairs.</summary>
    public static partial class PairRdd
    {
        /// <summary>Applies a function to each pair's value. Narrow; keeps keys, order, partition count and partitioner.</summary>
        public static Rdd<(K Key, W Value)> MapValues<K, V, W>(this Rdd<(K Key, V Value)> rdd, Func<V, W> f) =>
            rdd.MapValues(nameof(MapValues), f);

        /// <summary>
        /// Applies a function that gives any number of values for each pair's value. Narrow; keeps keys, order, partition count and
        /// partitioner.
        /// </summary>
        public static Rdd<(K Key, W Value)> FlatMapValues<K, V, W>(this Rdd<(K Key, V Value)> rdd, Func<V, IEnumerable<W>> f) =>
            rdd.FlatMapValues(nameof(FlatMapValues), f);

        internal static Rdd<(K Key, W Value)> MapValues<K, V, W>(this Rdd<(K Key, V Value)> rdd, string operatorName, Func<V, W> f)
        {
            ArgumentNullException.ThrowIfNull(rdd);
            var closure = rdd.Capture(f, operatorName);
            return rdd.Derive(operatorName, parent => new MapValuesNode<K, V, W>(parent, operatorName, closure));
        }

        internal static Rdd<(K Key, W Value)> FlatMapValues<K, V, W>(
            this Rdd<(K Key, V Value)> rdd, string operatorName, Func<V, IEnumerable<W>> f)
        {
            ArgumentNullException.ThrowIfNull(rdd);
            var closure = rdd.Capture(f, operatorName);
            return rdd.Derive(operatorName, parent => new FlatMapValuesNode<K, V, W>(parent, operatorName, closure));
        }

        /// <summary>The keys, in order. Narrow.</summary>
        public static Rdd<K> Keys<K, V>(this Rdd<(K Key, V Value)> rdd)
        {
            ArgumentNullException.ThrowIfNull(rdd);
            return rdd.Map<K>(nameof(Keys), PairFunctions.Key);
        }

        /// <summary>The values, in order. Narrow.</summary>
        public static Rdd<V> Values<K, V>(this Rdd<(K Key, V Value)> rdd)
        {
            ArgumentNullException.ThrowIfNull(rdd);
            return rdd.Map<V>(nameof(Values), PairFunctions.Value);
        }
    }
}
