namespace MicroSpark.Tests.Infrastructure;

/// <summary>Runs only where it is said where to put the pictures.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ScreenshotFactAttribute : FactAttribute
{
    public ScreenshotFactAttribute() => Skip = Folder is null ? "Makes pictures for docs/ui.md: ./eng/screenshots.sh." : null;

    public static string? Folder => Environment.GetEnvironmentVariable("MICROSPARK_SCREENSHOTS");
}
