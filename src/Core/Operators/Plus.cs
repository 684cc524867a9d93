namespace MicroSpark;

/// <summary>Operators between RDDs.</summary>
public static class RddOperators
{
    extension<T>(Rdd<T>)
    {
        /// <summary><see cref="Rdd{T}.Union(Rdd{T})"/>. An extension, so that pairs whose tuple names differ add up.</summary>
        public static Rdd<T> operator +(Rdd<T> left, Rdd<T> right)
        {
            ArgumentNullException.ThrowIfNull(left);
            return left.Union(right);
        }
    }
}
