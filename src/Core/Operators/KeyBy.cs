using System.Reflection.Emit;
using MicroSpark.Closures;
using MicroSpark.Operators;
using MicroSpark.Plans;
using MicroSpark.Stages;

namespace MicroSpark.Operators
{
    /// <summary>Each element with a key made from it.</summary>
    internal sealed class KeyByNode<T, K> : FunctionNode<T, (K Key, T Value), Func<T, K>>
    {
        public KeyByNode(PlanNode<T> parent, string operatorName, Closure<Func<T, K>> key)
            : base(parent, operatorName, key)
        {
        }

        private KeyByNode(PlanReader reader)
            : base(reader)
        {
        }

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
