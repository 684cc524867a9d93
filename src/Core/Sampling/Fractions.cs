namespace MicroSpark.Sampling;

/// <summary>Checks what callers say of how much to sample.</summary>
internal static class Fractions
{
    /// <exception cref="ArgumentOutOfRangeException">It is negative, no number, or above 1 without replacement.</exception>
    public static void Ensure(double fraction, bool withReplacement, string parameterName)
    {
        if (!double.IsFinite(fraction) || fraction < 0 || (!withReplacement && fraction > 1))
        {
            throw new ArgumentOutOfRangeException(
                parameterName, fraction,
                withReplacement ? "A fraction with replacement must be 0 or more." : "A fraction without replacement must be from 0 to 1.");
        }
    }
}
