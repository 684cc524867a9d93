using System.Reflection.Emit;
using MicroSpark.Closures;
using MicroSpark.Operators;
using MicroSpark.Plans;
using MicroSpark.Stages;

namespace MicroSpark.Operators
{
    /// <summary>Each element with a key made from it.</summary>
    internal sealed class KeyByNode<T, K>(PlanNode<T> parent, string operatorName, Closure<Func<T, K>> key)
        : FusedNode<T, (K Key, T Value)>(parent)
    {
        private KeyByNode(PlanReader reader)
            : this(reader.Parent<T>(), reader.Text()!, reader.Closure<Func<T, K>>())
        {
        }

        public override string Operator => operatorName;

        protected override bool HasStableIdentity => key.HasStableIdentity;

        public override void WriteArguments(PlanWriter writer)
        {
            writer.Text(operatorName);
            writer.Closure(key);
        }

        public override Delegate[] CreateFunctions() => [key.CreateInstance()];

        public override void Emit(StageEmitter emitter, int firstFunction)
        {
            emitter.CallOnCurrent(firstFunction);
            emitter.IL.Emit(OpCodes.Ldloc, emitter.Current);
            emitter.IL.Emit(OpCodes.Newobj, typeof(ValueTuple<K, T>).GetConstructor([typeof(K), typeof(T)])!);
            emitter.SetCurrent(typeof(ValueTuple<K, T>));
        }

        protected override IEnumerable<(K Key, T Value)> Iterate(IEnumerable<T> upstream, ReadOnlySpan<Delegate> functions)
        {
            var keyOf = (Func<T, K>)functions[0];
            return upstream.Select(item => (keyOf(item), item));
        }
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>Pairs each element with a key made from it. Narrow; keeps order and partition count.</summary>
        /// <exception cref="ClosureNotShippableException">The function holds something that cannot travel.</exception>
        public Rdd<(K Key, T Value)> KeyBy<K>(Func<T, K> key) => KeyBy(nameof(KeyBy), key);

        internal Rdd<(K Key, T Value)> KeyBy<K>(string operatorName, Func<T, K> key)
        {
            var closure = Capture(key, operatorName, nameof(key));
            return Derive(operatorName, parent => new KeyByNode<T, K>(parent, operatorName, closure));
        }
    }
}
