namespace MicroSpark.Tests.Infrastructure;

/// <summary>Secrets for clusters whose workers have no file in common.</summary>
internal static class TestSecret
{
    public const string Setting = "MICROSPARK__SECRET";

    /// <summary>As <c>microspark secret</c> would print it, but for the prefix: the digits alone count too.</summary>
    public static string One { get; } = new('1', 64);

    public static string Another { get; } = new('2', 64);

    /// <summary>Not an argument: those can be seen by every user of the host.</summary>
    public static IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string> { [Setting] = One };

    public static IReadOnlyDictionary<string, string> AnotherEnvironment { get; } = new Dictionary<string, string> { [Setting] = Another };
}
