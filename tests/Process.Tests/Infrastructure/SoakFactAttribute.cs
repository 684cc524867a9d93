namespace MicroSpark.Tests.Infrastructure;

/// <summary>A test that takes minutes: <c>eng/soak.sh</c> runs it, the ordinary run leaves it out and has a smaller one of its kind.</summary>
public sealed class SoakFactAttribute : FactAttribute
{
    public SoakFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("MICROSPARK_SOAK") != "1")
        {
            Skip = "Takes minutes: run it with ./eng/soak.sh. A smaller test of its kind runs with the others.";
        }
    }
}
