using System.Runtime.ExceptionServices;

namespace MicroSpark.Tests;

/// <summary>A thread without a test runner's context on it, for a world to run on.</summary>
internal static class OwnThread
{
    public static T Run<T>(Func<T> work)
    {
        T? result = default;
        ExceptionDispatchInfo? error = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = work();
            }
            catch (Exception e)
            {
                error = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        error?.Throw();
        return result!;
    }
}
