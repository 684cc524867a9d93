namespace MicroSpark.Sampling;

/// <summary>Draws a number for one element after the other, and says whether it is in [lower, upper).</summary>
internal sealed class Lot(double lower, double upper, SampleRandom random)
{
    private SampleRandom _random = random;

    public bool Draw()
    {
        var number = _random.NextDouble();
        return number >= lower && number < upper;
    }
}
