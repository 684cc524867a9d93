using MicroSpark.Closures;
using MicroSpark.Operators;

namespace MicroSpark.Operators
{
    [EngineFunction]
    internal static class CastFunctions
    {
        public static U To<T, U>(T item) => (U)(object?)item!;
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>
        /// The elements as another type: down or up a class hierarchy, boxed or unboxed, never converted. Narrow; an element that is not of
        /// the type fails the job with an <see cref="InvalidCastException"/> inside. It is also <c>from U x in rdd</c>.
        /// </summary>
        public Rdd<U> Cast<U>() => Map<U>(nameof(Cast), CastFunctions.To<T, U>);
    }
}
