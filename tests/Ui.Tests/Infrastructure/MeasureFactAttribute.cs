namespace MicroSpark.Tests.Infrastructure;

/// <summary>Runs only when asked for: it takes long and says how fast this machine is.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MeasureFactAttribute : FactAttribute
{
    public MeasureFactAttribute() => Skip = Environment.GetEnvironmentVariable("MICROSPARK_MEASURE") is null
        ? "Measures the page: MICROSPARK_MEASURE=1 dotnet test tests/Ui.Tests -c Release --filter MeasureTests." : null;
}
