using StreamAllocator.Domain;
using StreamAllocator.Forecasting.Experts;

namespace StreamAllocator.Forecasting.Tests.Experts;

public class ExponentialSmoothingTests
{
    /// <summary>
    /// α 0.5, β 0.5, φ 0.5, no profile. 10; then 14: surprise 4, level 12, trend 1; then 15: damped trend 0.5, surprise 2.5, level 13.75,
    /// trend 0.5 + 0.625 = 1.125. Three windows on: 13.75 + 1.125·(0.5 + 0.25 + 0.125) = 14.734.
    /// </summary>
    [Fact]
    public void Level_and_damped_trend_follow_the_recursion()
    {
        var series = new OneSeries(new ExponentialSmoothing(288)) { Parameters = new SmoothingParameters(0.5f, 0.5f, 0.5f, 0, 48) };
        series.Add(10, 14, 15);
        var deciles = series.Deciles(3);
        Assert.Equal(14.734f, (deciles[0] + deciles[8]) / 2, 2);
    }

    [Fact]
    public void A_daily_wave_is_forecast_better_with_the_profile_than_without()
    {
        Assert.True(Error(0.1f) < 0.7 * Error(0), $"{Error(0.1f)} with, {Error(0)} without");

        static double Error(float gamma)
        {
            var series = new OneSeries(new ExponentialSmoothing(288)) { Parameters = new SmoothingParameters(0.05f, 0, 0, gamma, 48) };
            var error = 0.0;
            for (var window = 0; window < 6 * 288; window++)
            {
                var value = (float)(20 + (10 * ExactMath.SinOfTurns(window / 288.0)));
                if (window > 5 * 288)
                    error += Math.Abs(series.Deciles(1)[4] - value);
                series.Add(value);
            }

            return error;
        }
    }

    [Fact]
    public void A_past_origin_is_answered_with_the_point_it_gave()
    {
        var series = new OneSeries(new ExponentialSmoothing(288)) { Parameters = new SmoothingParameters(1, 0, 0, 0, 48) };
        for (var window = 0; window < 40; window++)
            series.Add(5);
        Assert.Equal(5, series.Deciles(6)[4], 2);
        series.Add(50, 50, 50);
        Assert.InRange(series.Deciles(6, 3)[4], 4, 8);
        Assert.InRange(series.Deciles(6, 0)[4], 49, 53);
    }
}
